/** The words of a sensitivity report; a part of `labels`. */
export const sensitivityLabels = {
  sensitivityTitle: 'Sensitivity report: {name}',
  sensitivityRanked: 'What pruning each part alone costs, the most sensitive first',
  sensitivityWhole: 'Whole matrices and layers',
  part: 'Part',
  weightNumber: 'Weights',
  harmlessUpTo: 'Free up to',
  harmlessMeaning: 'Free up to: the highest sparsity up to which the loss rises by less than {share}.',
  area: 'Area',
  areaMeaning: 'Area: between the curve and the loss as it is, over the sparsity from 0 to {highest}.',
  curve: 'Curve',
  lossBySparsity: 'Loss by sparsity: {matrix} of {layer}',
  lossBySparsityText: 'At {highest} sparsity: {losses}.',
  partLoss: '{part} {loss}',
  unitsAndGates: 'Units and gates on the data',
  silentUnits: 'Units that are silent at every step (|h| < {limit}): {units}',
  noSilentUnits: 'No unit is silent at every step (|h| < {limit}).',
  constantIn: 'Constant in units',
  constantUnit: '{unit} ({value})',
  constantMeaning:
    'Constant: the standard deviation is below {limit}, so that a bias could take the place of the gate; in parentheses its mean.',
  shut: 'Shut',
  open: 'Open',
  saturatedIn: 'Always shut or open in units',
  saturationMeaning:
    'Shut: below {low}; open: above {high}; shares of all units and steps. Always: at {always} of the steps.',
} as const;
