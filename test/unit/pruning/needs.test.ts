import assert from 'node:assert/strict';
import { test } from 'node:test';
import { criterionNeeds, judgeInputsAlone } from '../../../extension/protocol/compatibility.ts';
import { criteria } from '../../../extension/protocol/recipe.ts';
import { criteriaByName } from '../../../extension/pruning/criteria/byName.ts';
import { needsGradients } from '../../../extension/training/evidence/gather.ts';

test('what each criterion is said to need is what it asks for', () => {
  for (const name of criteria) {
    const { needs } = criteriaByName[name];
    const needed = needs.includes('movement') ? 'training' : needs.length > 0 ? 'data' : 'weights';
    assert.equal(criterionNeeds[name], needed, name);
  }
});

test('data needs no targets for the criteria that judge by data without a gradient', () => {
  const forward = criteria.filter(
    (name) => criterionNeeds[name] === 'data' && !criteriaByName[name].needs.some(needsGradients),
  );
  assert.deepEqual(judgeInputsAlone, forward);
});
