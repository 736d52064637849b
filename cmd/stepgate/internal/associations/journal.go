package associations

import (
	"context"
	"sync"

	"github.com/stepgate/stepgate/steps"
)

// journal remembers the associations that are put. One goroutine writes it: it
// takes all that wait, makes them durable at once, then known, and answers.
type journal struct {
	file journalFile // the writer's

	puts     chan putting
	erasures chan erasing
	stop     chan struct{}
	stopped  chan struct{}
	once     sync.Once
	closing  error // of the file; to be read when stopped is closed
}

// putting is an association on its way into the journal.
type putting struct {
	association steps.Association
	answer      chan error // holds one
}

// erasing is a user on the way out of the journal.
type erasing struct {
	user   string
	answer chan error // holds one
}

// maxPutting is how many associations are written at once.
const maxPutting = 1024

func newJournal(file journalFile) *journal {
	return &journal{
		file:     file,
		puts:     make(chan putting, maxPutting),
		erasures: make(chan erasing),
		stop:     make(chan struct{}),
		stopped:  make(chan struct{}),
	}
}

// put appends an association and returns when it is durable.
func (j *journal) put(ctx context.Context, a steps.Association) error {
	p := putting{a, make(chan error, 1)}
	select {
	case j.puts <- p:
	case <-j.stop:
		return errStopping
	case <-ctx.Done():
		return timeout(ctx)
	}
	return j.await(ctx, p.answer)
}

// erase takes a user away and returns when that is durable.
func (j *journal) erase(ctx context.Context, user string) error {
	e := erasing{user, make(chan error, 1)}
	select {
	case j.erasures <- e:
	case <-j.stop:
		return errStopping
	case <-ctx.Done():
		return timeout(ctx)
	}
	return j.await(ctx, e.answer)
}

// await waits for the writer's answer.
func (j *journal) await(ctx context.Context, answer <-chan error) error {
	select {
	case err := <-answer:
		return err
	case <-j.stopped:
	case <-ctx.Done():
		return timeout(ctx)
	}
	select { // the last thing that the writer did may have been to answer
	case err := <-answer:
		return err
	default:
		return errStopping
	}
}

var errStopping = &steps.Error{Code: steps.CodeServer, Detail: "the service is stopping: send it again"}

func timeout(ctx context.Context) error {
	return &steps.Error{Code: steps.CodeTimeout, Detail: "the associations may or may not be changed: send it again", Err: ctx.Err()}
}

// run writes what is put and erased until the journal is closed.
func (j *journal) run(r *Registry) {
	defer close(j.stopped)
	for {
		select {
		case p := <-j.puts:
			j.write(j.waiting(p), r)
		case e := <-j.erasures:
			e.answer <- j.rewrite(e.user, r)
		case <-j.stop:
			if waiting := j.waiting(); len(waiting) > 0 {
				j.write(waiting, r)
			}
			j.closing = j.file.close()
			return
		}
	}
}

// waiting returns all that waits, behind what was taken already.
func (j *journal) waiting(taken ...putting) []putting {
	for len(taken) < maxPutting {
		select {
		case p := <-j.puts:
			taken = append(taken, p)
		default:
			return taken
		}
	}
	return taken
}

// write makes associations durable, then known, and answers each.
func (j *journal) write(puts []putting, r *Registry) {
	all := make([]steps.Association, len(puts))
	for i, p := range puts {
		all[i] = p.association
	}
	err := kept(j.file.append(all))
	if err == nil {
		r.apply(all)
	}
	for _, p := range puts {
		p.answer <- err
	}
}

// rewrite makes the journal anew without a user: what counts of the others stays
// in it, and nothing else.
func (j *journal) rewrite(user string, r *Registry) error {
	own, others := r.split(user)
	err := kept(j.file.replace(others))
	if err == nil {
		r.forget(own)
	}
	return err
}

// kept says what the journal could not do.
func kept(err error) error {
	if err == nil {
		return nil
	}
	return &steps.Error{Code: steps.CodeServer, Detail: "associations cannot be kept now: send it again later", Err: err}
}

func (j *journal) close() error {
	j.once.Do(func() { close(j.stop) })
	<-j.stopped
	return j.closing
}
