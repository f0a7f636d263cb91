import { describe, expect, it } from 'vitest';
import { verdict } from './verdict.ts';

describe('fields of an event', () => {
  it('are known by their dotted name', () => {
    expect(verdict({ 'a.b': ['x'] }, { a: { b: 'x' } })).toBe(true);
    expect(verdict({ a: { b: ['x'] } }, { 'a.b': 'x' })).toBe(true);
    expect(verdict({ a: { b: { c: ['x'] } } }, { a: { 'b.c': 'x' } })).toBe(true);
    expect(verdict({ a: { b: { c: ['x'] } } }, { 'a.b': [{ c: 'x' }] })).toBe(true);
    expect(verdict({ a: { b: ['x'] } }, { 'a.c': 'x' })).toBe(false);
  });

  it('may have an empty name, and names that objects inherit', () => {
    expect(verdict({ '': ['x'] }, { '': 'x' })).toBe(true);
    expect(verdict({ a: { '': ['x'] } }, { a: { '': 'x' } })).toBe(true);
    expect(verdict({ a: { '': ['x'] } }, { a: 'x' })).toBe(false);
    expect(verdict({ constructor: { name: ['Object'] } }, {})).toBe(false);
    expect(verdict({ toString: [{ exists: true }] }, {})).toBe(false);
    const proto: unknown = JSON.parse('{"__proto__": "x"}');
    expect(verdict(JSON.parse('{"__proto__": ["x"]}'), proto)).toBe(true);
    expect(verdict(JSON.parse('{"__proto__": ["x"]}'), {})).toBe(false);
  });

  it('are found at the path only', () => {
    expect(verdict({ a: ['x'] }, { b: { a: 'x' } })).toBe(false);
    expect(verdict({ a: { b: ['x'] } }, { a: 'x', b: 'x' })).toBe(false);
    expect(verdict({ a: ['x'] }, { a: { a: 'x' } })).toBe(false);
    expect(verdict({ a: ['x'] }, { a: [[['x']]] })).toBe(true);
    expect(verdict({ a: ['x'] }, { a: [{ a: 'x' }] })).toBe(false);
  });

  it('may hold a value and an object at one name', () => {
    const pattern = { a: ['x'], 'a.b': ['y'] };
    expect(verdict(pattern, { a: ['x', { b: 'y' }] })).toBe(true);
    expect(verdict(pattern, { a: { b: 'y' } })).toBe(false);
  });

  it.each([[null], [undefined], ['x'], [5], [[]], [[{ b: 1 }]]])('%j is no event', (event) => {
    expect(verdict({ a: [{ exists: false }] }, event)).toBe(false);
  });

  it('does not fall over an event nested without end', () => {
    let value: unknown = 'x';
    for (let i = 0; i < 100_000; i++) value = [value];
    expect(verdict({ a: ['x'] }, { a: value })).toBe(false);
    expect(verdict({ a: ['x'] }, { a: 'x', b: value })).toBe(true);
  });
});
