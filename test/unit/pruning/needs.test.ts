import assert from 'node:assert/strict';
import { test } from 'node:test';
import { criterionNeeds } from '../../../extension/protocol/compatibility.ts';
import { criteria } from '../../../extension/protocol/recipe.ts';
import { criteriaByName } from '../../../extension/pruning/criteria/byName.ts';

test('what each criterion is said to need is what it asks for', () => {
  for (const name of criteria) {
    const { needs } = criteriaByName[name];
    const needed = needs.includes('movement') ? 'training' : needs.length > 0 ? 'data' : 'weights';
    assert.equal(criterionNeeds[name], needed, name);
  }
});
