export const usage = `Usage: lstm-pruner COMMAND MODEL [FLAGS]

Makes trained recurrent models sparser, straight from their file (Keras .h5, .hdf5 and .keras).

Commands
  inspect  MODEL               Show every gate of every recurrent layer.
  evaluate MODEL --data FILE   Measure the loss and metrics on data.
  prune    MODEL --sparsity S  Write MODEL.pruned.* with the smallest weights set to zero.

All commands
  --json               One JSON document on standard output.
  --help               Show this text.

Data (evaluate, prune)
  --data FILE          .npz with x/y, or x_train/y_train with x_val/y_val and x_test/y_test;
                       or a table: .csv or .tsv.
  --x NAMES --y NAME   Arrays of the .npz, columns of the table, or .npy files without --data.
  --split PART         train, val, test or all. Default: test, else val, else the last 20 %.
  --loss NAME          Keras' name of a loss. Default: the file's own.
  --batch N            Samples computed at a time. Default: 64.
  --window W --horizon H --stride S --scale none|minmax|standard
                       How a .csv or .tsv is cut into windows. Defaults: W the model's own
                       length, H and S 1, none.

Pruning
  --sparsity S         Share of zeros, 0 to 1.
  --criterion NAME     magnitude (default), or threshold: |w| < k * mean|w|.
  --k K                Factor of the threshold. Default: 0.5.
  --scope SCOPE        Weights that compete: gate, matrix, layer or global. Default: layer;
                       matrix for the threshold criterion.
  --gates i=S,f=S,...  Targets of single gates.
  --granularity weight --schedule oneshot
                       What is removed, and when; the only ones so far.
  --seed N             Seed of the inputs that measure the divergence without data. Default: 1.
  --recipe FILE        JSON with the flags' names as keys; flags win over it.
  --compress           Store the weights in gzip-compressed chunks.
  --out FILE           Default: MODEL.pruned.*, or the next free name.
  --report FILE        .html, .md or .json.
  --force              Replace an output or report that exists.

Exit code: 0 done, 1 refused or failed, 2 bad arguments, 130 cancelled.
`;
