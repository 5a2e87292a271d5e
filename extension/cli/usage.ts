export const usage = `Usage: lstm-pruner COMMAND MODEL [FLAGS]

Makes trained recurrent models sparser, straight from their file: Keras (.keras, .h5, .hdf5,
.weights.json), PyTorch (.pt, .pth, .pth.tar, .th, .bin, .ckpt), safetensors, ONNX, TensorFlow.js
(model.json), TensorFlow Lite (.tflite) and SavedModel (its folder). A model of several files becomes
a folder.

Commands
  inspect  MODEL               Show every gate of every recurrent layer.
  evaluate MODEL --data FILE   Measure the loss and metrics on data.
  prune    MODEL --sparsity S  Write MODEL.pruned.* with the smallest weights set to zero.
  sensitivity MODEL --data FILE
                               Measure the loss against the sparsity of every gate in every
                               matrix, each pruned alone, and tell dead units and idle gates.
  auto     MODEL --data FILE --max-loss-increase 2%
                               Search for the smallest model whose loss rises by no more than that.
  convert  MODEL --out FILE    Write the model in the format that FILE ends in: .onnx, .keras, or
                               model.json in a folder of its own (TensorFlow.js).

All commands
  --json               One JSON document on standard output.
  --help               Show this text.

Data (evaluate, prune, sensitivity, auto)
  --data FILE          .npz with x/y, or x_train/y_train with x_val/y_val and x_test/y_test;
                       or a table: .csv or .tsv.
  --x NAMES --y NAME   Arrays of the .npz, columns of the table, or .npy files without --data.
  --split PART         train, val, test or all. Default: test, else val, else the last 20 %.
  --loss NAME          Keras' name of a loss. Default: the file's own.
  --batch N            Samples of a training step; otherwise computed at a time at most.
                       Default: 64.
  --window W --horizon H --stride S --scale none|minmax|standard
                       How a .csv or .tsv is cut into windows. Defaults: W the model's own
                       length, H and S 1, none.

Engine (evaluate, prune, sensitivity, auto)
  --engine NAME        wasm, tensorflow, or auto: the faster one. Default: auto.
  --threads N          1 to 64. Default: one a core; more than that make it slower.

Pruning
  --sparsity S         Share of zeros, 0 to 1.
  --max-parameters N, --max-bytes N, --max-multiply-adds N
                       Instead of it, what may remain of the whole model: nonzero weights, their
                       bytes, or multiply-adds with them for one sample (where its length is free,
                       of the data's steps, or 32). The least sparsity that will do is found.
  --criterion NAME     What weights are judged by; the lowest go. Themselves: magnitude (default),
                       l1, l2 (of groups), threshold (|w| < k * mean|w|), random. Data: gradient,
                       taylor, fisher, wanda; activation, activation-variance, apoz (of hidden
                       units); input-importance (of columns). Fine-tuning: movement.
  --k K                Factor of the threshold. Default: 0.5.
  --samples N          Of the training part, for criteria that judge by data. Default: 256;
                       64 for fisher and input-importance, which take a gradient of each.
  --granularity NAME   What goes or stays as a whole: weight (default), block, n:m, bank, row (of
                       one gate), column (of a matrix), unit (in all gates, with what reads it) or
                       layer (leaves the file, where what follows notices no other shape).
  --block RxC          Rows and columns of a block. Default: 4x4.
  --pattern N:M        N weights are kept of every M in a row, whatever the sparsity. Default: 2:4.
  --bank N             Weights of a bank; every bank of a row loses the same share. Default: 32.
  --keep-diagonal      Weights from a hidden unit to itself stay.
  --scope SCOPE        What competes: gate, matrix, layer or global. Default: layer; matrix for
                       the criterion threshold and the granularity column.
  --gates i=S,f=S,...  Targets of single gates.
  --targets NAME=S,... Targets by name: a layer, layer/matrix or layer/matrix/gate. * stands for
                       anything, and the last name that fits counts.
  --include NAMES      What is prunable too, such as dense,embedding* or dense/bias.
  --exclude NAMES      What is not pruned.
  --regrow-zeros       Zeros in the file may become weights again. Default: they stay zeros.
  --shrink             Pruned hidden units leave the file (granularity unit).
  --schedule NAME      When it goes: oneshot (default), before fine-tuning, or during it.
  --seed N             Seed of the criterion random, of which samples criteria judge by, of the
                       order of the training samples, of dropout, and of the inputs that measure
                       the divergence without data. Default: 1.
  --recipe FILE        JSON with the flags' names as keys; paths in it begin at its folder. Flags
                       win over it: what in it does not go together with them does not count.
  --compress           Store the weights in gzip-compressed chunks.
  --out FILE           Default: MODEL.pruned.*, or the next free name.
  --report FILE        .html, .md or .json.
  --save-recipe FILE   Write the recipe that gives the same again, for --recipe.
  --force              Replace an output, report or recipe that exists.

Fine-tuning (prune with data, auto); what was pruned stays exactly zero
  --epochs N           Times that the training part is gone through. Default: 0, no training; of
                       auto 5 in each trial.
  --optimizer NAME     adam, sgd or rmsprop. Default: the file's own, else adam.
  --learning-rate R    Default: the file's own where its optimizer is used, else 0.001.
  --momentum M         Of sgd and rmsprop. Default: the file's own where its optimizer is used,
                       else 0.
  --decay NAME         How the learning rate falls: none, linear, cosine or exponential (to a
                       hundredth). Default: none.
  --clip-norm N        Scales gradients down whose norm is larger. Default: never.
  --patience N         Stops after N epochs without a lower validation loss and takes the best
                       epoch's weights. Default: all epochs, and the last one's weights.
  --l1 F               Adds F times the sum of |w| of all kernels to the loss. Default: 0.
  --l2 F               Adds F times the sum of w² of all kernels to the loss. Default: 0.
  --group-lasso F      Adds F times the sum of √n * |w| over the groups w of n weights that the
                       granularity makes (block, row, column, unit), |w| their length: whole groups
                       go to zero. Default: 0.
  --recovery NAME      What outputs are trained to be: the targets (supervised, default), what the
                       original puts out (unsupervised; --y is not needed then), or something of
                       both (distillation).
  --mix F              Of distillation: share of the loss against the original's outputs, 0 to 1.
                       Default: 0.5.
  --match NAME         How outputs are compared with the original's: kl, the divergence of their
                       probabilities, or mse, of logits where there are some. Default: kl behind a
                       softmax or sigmoid, else mse.
  --temperature T      Of kl: logits are divided by it first. Default: 2 for distillation, 1 for
                       unsupervised.
  --resume, --no-resume
                       Go on where the same command was interrupted, or start from the first epoch.
                       Default: go on.
  --control            Beside the pruned model trains a small dense one of as many parameters from
                       scratch, for as many epochs, and reports its loss; writes nothing of it.
  --keep-best          The first Ctrl+C ends fine-tuning and writes the best weights so far; the
                       second discards everything.

Schedules (prune, with epochs); steps are counted from 0 over all epochs
  --schedule NAME      When weights go: oneshot, before the training (default); constant, at once
                       at --begin; polynomial, along a ramp from --begin to --end; iterative, in
                       rounds of pruning and training; rigl, from the start, and then the smallest
                       give way to pruned ones with large gradients; epoch, a share at the end of
                       every epoch.
  --initial-sparsity S Share that is gone at the first change. Default: what is zero in the file;
                       with rigl the target.
  --begin N --end N --frequency N
                       First and last step at which masks change, and steps in between. Defaults:
                       0; half of the steps later, with rigl three quarters; a twentieth of those,
                       at most 100.
  --power P            Exponent of the ramp. Default: 3.
  --rounds N           Of iterative. Default: 5, or the epochs where they are fewer.
  --rewind WHAT        What each round begins anew with: none (default), rate (the learning rate's
                       decay) or weights (the file's, and the rate's decay).
  --drop-fraction F    Of rigl: share of the kept that is exchanged at first. Default: 0.3.

Sensitivity (with data); the file is only read
  --levels S,S,...     Sparsities to measure at. Default: 0.25,0.5,0.7,0.8,0.9,0.95,0.99.
  --samples N          Measure on so many samples at most, drawn by --seed. Default: all of the part.
  --criterion NAME --granularity NAME --block RxC --bank N --keep-diagonal --regrow-zeros
  --include NAMES --exclude NAMES --seed N
                       As with prune: what judges the weights, and which. Hidden units
                       (--granularity unit) are measured layer by layer.
  --recipe FILE        The same from a recipe; how much it prunes, and when, does not count.
  --report FILE        .html with curves, .md or .json. --force replaces one that exists.

Search (auto, with data)
  --max-loss-increase 2%|0.02
                       How much the validation loss may rise: a share of what it is, or a
                       difference. The reported part decides nothing.
  --trials N           Models to prune and fine-tune at most. Default: 10, or with a time budget
                       as many as fit in.
  --time-budget T      Such as 90s, 30m or 1h30m. A trial begins only where it is likely to end
                       within; the first always does.
  All flags of prune and fine-tuning but --control and those that say how much goes: every trial
  is pruned and trained by them, to a sparsity of its own. Trials are kept: the same command goes on
  where it was interrupted, and gives the same result again. --keep-best: the first Ctrl+C ends the
  search and writes the best trial so far. Where no trial is within the budget, nothing is written
  (exit 1).

Environment
  LC_ALL, LANG              Language of results and errors: Chinese where it begins with zh, but
                            for zh_TW, zh_HK and zh_MO; else English.
  LSTM_PRUNER_TENSORFLOW    Folder of the package @tensorflow/tfjs-node, for --engine tensorflow.
  LSTM_PRUNER_CHECKPOINTS   Folder for what --resume needs, and for trials. Default: one in the
                            user's cache folder.

Exit code: 0 done, 1 refused or failed, 2 bad arguments, 130 cancelled.
`;
