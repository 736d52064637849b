package memstore

import (
	"cmp"
	"iter"
	"slices"

	"github.com/stepgate/stepgate/steps"
)

// order holds records in ascending order of their IDs. It holds them in blocks,
// so that a new one moves only its neighbours.
type order struct {
	blocks [][]*record // none is empty
}

// blockSize is how many records a block holds at the most.
const blockSize = 512

// insert adds a record whose ID is not there yet.
func (o *order) insert(r *record) {
	if len(o.blocks) == 0 {
		o.blocks = append(o.blocks, newBlock(r))
		return
	}
	id := r.activation.StepsID
	b := o.blockOf(id)
	block := o.blocks[b]
	at := placeAbove(block, id)
	switch {
	case len(block) < blockSize:
		o.blocks[b] = slices.Insert(block, at, r)
	case at == blockSize: // IDs mostly ascend: leave the full block full
		o.blocks = slices.Insert(o.blocks, b+1, newBlock(r))
	default:
		lower, upper := block[:blockSize/2], newBlock(block[blockSize/2:]...)
		clear(block[blockSize/2:])
		o.blocks[b] = lower
		o.blocks = slices.Insert(o.blocks, b+1, upper)
		o.insert(r)
	}
}

// above returns the records with an ID above id.
func (o *order) above(id steps.ID) iter.Seq[*record] {
	return func(yield func(*record) bool) {
		if len(o.blocks) == 0 {
			return
		}
		b := o.blockOf(id)
		first := placeAbove(o.blocks[b], id)
		for _, block := range o.blocks[b:] {
			for _, r := range block[first:] {
				if !yield(r) {
					return
				}
			}
			first = 0
		}
	}
}

// blockOf returns the last block that begins at or below id, or else the first
// one.
func (o *order) blockOf(id steps.ID) int {
	b, found := slices.BinarySearchFunc(o.blocks, id, func(block []*record, id steps.ID) int {
		return cmp.Compare(block[0].activation.StepsID, id)
	})
	if found {
		return b
	}
	return max(b-1, 0)
}

// placeAbove returns the place of a block's first record with an ID above id.
func placeAbove(block []*record, id steps.ID) int {
	at, found := slices.BinarySearchFunc(block, id, func(r *record, id steps.ID) int {
		return cmp.Compare(r.activation.StepsID, id)
	})
	if found {
		return at + 1
	}
	return at
}

func newBlock(records ...*record) []*record {
	return append(make([]*record, 0, blockSize), records...)
}
