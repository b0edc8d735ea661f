import fc from 'fast-check';
import { type Linked, LinkedList } from './linked-list.js';

interface Node extends Linked<Node> {
  readonly name: number;
}

test('it is in order of arrival, whatever is appended, removed and appended again', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(7), { maxLength: 60 }), (touched) => {
      const nodes = Array.from({ length: 8 }, (_, name): Node => ({
        name,
        before: undefined,
        after: undefined,
        isLinked: false,
      }));
      const list = new LinkedList<Node>();
      let model: number[] = [];
      for (const [step, name] of touched.entries()) {
        const node = nodes[name] as Node;
        expect(list.remove(node)).toBe(model.includes(name));
        model = model.filter((other) => other !== name);
        if (step % 3 > 0) {
          list.append(node);
          model.push(name);
        }
        expect([...list].map((each) => each.name)).toEqual(model);
        expect([list.length, list.first?.name]).toEqual([model.length, model[0]]);
      }
    }),
  );
});
