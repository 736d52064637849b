// Package associations keeps what the program knows of carAssociationIDs: what
// a file declares when it starts, and what is put afterwards, which a journal
// remembers.
package associations

import (
	"context"
	"fmt"
	"sync"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/steps"
)

// Options are where a registry reads and writes. The zero value keeps what is
// put in memory, and takes every service of steps.Default().
type Options struct {
	// File declares associations, in YAML or NDJSON; "": none are declared.
	File string
	// Journal is the NDJSON file that remembers what is put, which counts for
	// more than File; "": nothing is remembered. It is made when it is needed.
	Journal string
	// Plans are of the services that an association may name.
	Plans steps.Catalog
	// Own answers for an id that is not known. It is for development; without
	// a service, an id that is not known is nobody's.
	Own engine.OwnAssociations
}

// Registry is an engine.Associations. It is safe for concurrent use.
type Registry struct {
	plans   steps.Catalog
	own     engine.OwnAssociations
	journal *journal // nil: in memory alone

	declared index // by the file; never changed

	mu  sync.RWMutex
	put index // counts for more
}

var _ engine.Associations = (*Registry)(nil)

// Open returns a registry of what the file declares and the journal remembers.
// The error of a file that is read and found wrong is *Faults.
func Open(o Options) (*Registry, error) {
	if len(o.Plans.Plans()) == 0 {
		o.Plans = steps.Default()
	}
	r := &Registry{plans: o.Plans, own: o.Own, declared: newIndex(), put: newIndex()}
	if o.File != "" {
		declared, err := readFile(o.File, o.Plans)
		if err != nil {
			return nil, err
		}
		r.declared.put(declared)
	}
	if o.Journal != "" {
		file, remembered, err := readJournal(o.Journal, o.Plans)
		if err != nil {
			return nil, err
		}
		r.put.put(remembered)
		r.journal = newJournal(file)
		go r.journal.run(r)
	}
	return r, nil
}

// Len returns how many associations are known.
func (r *Registry) Len() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	n := len(r.put.byID)
	for id := range r.declared.byID {
		if _, put := r.put.byID[id]; !put {
			n++
		}
	}
	return n
}

// Association implements engine.Associations.
func (r *Registry) Association(ctx context.Context, user, id string) (steps.Association, bool, error) {
	if a, known := r.known(id); known {
		return a, true, nil
	}
	if r.own.Service == "" {
		return steps.Association{}, false, nil
	}
	return r.own.Association(ctx, user, id)
}

// ByVIN implements engine.Associations.
func (r *Registry) ByVIN(ctx context.Context, user, vin string) ([]steps.Association, error) {
	found := r.ownedBy(owner{user, vin})
	if r.own.Service == "" {
		return found, nil
	}
	own, err := r.own.ByVIN(ctx, user, vin)
	for _, a := range own {
		if _, known := r.known(a.ID); !known {
			found = append(found, a)
		}
	}
	return found, err
}

// Put declares an association, in place of what was known of its id, and
// returns when that is durable. ErrMissing and ErrInvalid: it is faulty.
// ErrUnavailable: the journal cannot be written; ErrTimeout: ctx was over
// before it was known to be.
func (r *Registry) Put(ctx context.Context, a steps.Association) error {
	if err := check(a, r.plans); err != nil {
		return err
	}
	if known, ok := r.known(a.ID); ok && known == a {
		return nil // it was durable before it was known
	}
	if r.journal != nil {
		return r.journal.put(ctx, a)
	}
	r.apply([]steps.Association{a})
	return nil
}

// Erase forgets what was put of a user, in the journal too, and returns when
// that is durable; errors are as with Put. ErrRefused: all that is done, and the
// file declares the user's associations, which is not the registry's to change.
func (r *Registry) Erase(ctx context.Context, user string) error {
	if r.journal != nil {
		if err := r.journal.erase(ctx, user); err != nil {
			return err
		}
	} else {
		own, _ := r.split(user)
		r.forget(own)
	}
	if own, _ := r.declared.of(user); len(own) > 0 {
		return &steps.Error{
			Code:   steps.CodeRefused,
			Detail: fmt.Sprintf("everything else is erased, but the file of associations declares %d of this user: strike them out of it, and start again", len(own)),
		}
	}
	return nil
}

// Close waits for what is being put and closes the journal.
func (r *Registry) Close() error {
	if r.journal == nil {
		return nil
	}
	return r.journal.close()
}

func (r *Registry) known(id string) (steps.Association, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if a, ok := r.put.byID[id]; ok {
		return a, true
	}
	a, ok := r.declared.byID[id]
	return a, ok
}

func (r *Registry) ownedBy(o owner) []steps.Association {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var found []steps.Association
	for _, id := range r.declared.byOwner[o] {
		if _, put := r.put.byID[id]; !put {
			found = append(found, r.declared.byID[id])
		}
	}
	for _, id := range r.put.byOwner[o] {
		found = append(found, r.put.byID[id])
	}
	return found
}

// apply makes associations known, the last of an id counting.
func (r *Registry) apply(associations []steps.Association) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.put.put(associations)
}

// split returns the ids that were put of a user, and what was put of others.
func (r *Registry) split(user string) (own []string, others []steps.Association) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	own, rest := r.put.of(user)
	others = make([]steps.Association, len(rest))
	for i, id := range rest {
		others[i] = r.put.byID[id]
	}
	return own, others
}

func (r *Registry) forget(ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		r.put.remove(id)
	}
}
