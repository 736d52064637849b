package engine

import (
	"context"
	"fmt"
	"time"
)

// within calls the embedding service's code, and returns with its answer or when
// the time is over. Neither a panic of it nor its silence reaches anybody else.
func within[T any](ctx context.Context, limit time.Duration, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	type answer struct {
		value T
		err   error
	}
	told := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if r := recover(); r != nil {
				a.err = fmt.Errorf("panic: %v", r)
			}
			told <- a
		}()
		a.value, a.err = call(ctx)
	}()
	select {
	case a := <-told:
		return a.value, a.err
	case <-ctx.Done():
		return answer{}.value, ctx.Err()
	}
}
