/** What is wrong with data, or with a loss on it. */
export const dataMessages = {
  dataFormatUnknown:
    '{file} is not a data file that LSTM Pruner can open. It opens .npz, .npy, .csv and .tsv.',
  dataDamaged: '{file} is damaged or incomplete: {reason}.',
  arrayMissing: '{file}: there is no array {array}. It holds: {found}.',
  arraysAmbiguous: '{file}: name the input and target arrays (--x and --y). It holds: {found}.',
  arrayShape: '{file}: array {array} should have the shape {expected}, but has {found}.',
  // What was taken for granted of a model stands behind what does not fit to it
  misfitAssumed: '{misfit} {assumption}',
  arrayDtype: '{file}: array {array} has the type {dtype}; expected numbers.',
  arrayNonFinite: '{file}: array {array} holds {value} at index {index}; remove or fill such values first.',
  arrayRange:
    '{file}: array {array} holds {value} at index {index}; expected whole numbers from {low} to {high}.',
  samplesDiffer: '{file}: the number of samples is {xCount} in array {x}, but {yCount} in {y}.',
  tooFewRows:
    '{file}: too few rows ({found}); a window of {window} with horizon {horizon} needs at least {expected}.',
  tooFewSamples: '{file}: too few samples ({found}); expected at least {expected}.',
  columnMissing: '{file}: there is no column {column}. It has: {found}.',
  columnsAmbiguous: '{file}: name the input and target columns (--x and --y). It has: {found}.',
  columnCount:
    '{file}: expected as many input columns as the model takes, {expected}, but {found} named: {names}.',
  tokenOutside:
    'Layer "{layer}" was given the token id {value}; its ids are 0 to {high}. Correct the ids in the data.',
  csvSeveralInputs:
    '{file}: the model has {count} inputs, and a .csv can feed only one. Put the data in an .npz.',
  inputCount: 'Expected as many arrays as the model has inputs, {expected} ({names}), but {found} named.',
  csvValue: '{file}: row {row}, column {column} holds "{value}"; expected a number.',
  windowNeeded:
    '{file}: the model takes sequences of any length; give the number of rows in a window (--window).',
  splitMissing: '{file}: there is no {split} split. It has: {found}.',
  dataNeeded:
    'Give the data to evaluate on: an .npz or .csv (--data), or the inputs and targets as .npy (--x and --y).',
  lossAmbiguous:
    '{file}: the model has one linear output and every target is 0 or 1. Say which loss (--loss) is meant: binary_crossentropy or mean_squared_error.',
  lossUnknown: 'The loss "{loss}" is not known. Use one of: {known}.',
  lossMismatch: 'The loss {loss} does not fit: {reason}.',
  lossAmbiguousOneHot:
    '{file}: the model has linear outputs and every target row is one 1 among zeros. Say which loss (--loss) is meant: categorical_crossentropy or mean_squared_error.',
  lossNotFinite:
    'The {loss} is {value}: the model puts out values on this data that are too large or not numbers.',
  nothingMeasured: 'There is nothing to measure: the data has no samples, or every step of them is masked.',
} as const;
