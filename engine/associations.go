package engine

import (
	"context"

	"github.com/stepgate/stepgate/steps"
)

// Associations tells the engine what a carAssociationID means. The embedding
// service supplies it; it is safe for concurrent use. An error that is not a
// *steps.Error reaches callers as steps.ErrUnavailable, a context's as
// steps.ErrTimeout.
type Associations interface {
	// Association returns an association, or ok false where there is none.
	Association(ctx context.Context, user, id string) (a steps.Association, ok bool, err error)
	// ByVIN returns the associations of a user for a vehicle.
	ByVIN(ctx context.Context, user, vin string) ([]steps.Association, error)
}

// Eraser is implemented by Associations that can forget a user. Engine.Erase
// calls it before it erases activations, so that none is made meanwhile. Where
// it fails the activations are erased all the same.
type Eraser interface {
	Erase(ctx context.Context, user string) error
}

// OwnAssociations takes every carAssociationID as the caller's own, for one
// service, its vehicle named "DEV" + the id. It is for development: whoever may
// ask is believed.
type OwnAssociations struct{ Service string }

// Association implements Associations.
func (o OwnAssociations) Association(_ context.Context, user, id string) (steps.Association, bool, error) {
	return steps.Association{ID: id, User: user, Service: o.Service, VIN: ownVIN + id}, true, nil
}

// ByVIN implements Associations.
func (o OwnAssociations) ByVIN(ctx context.Context, user, vin string) ([]steps.Association, error) {
	if len(vin) <= len(ownVIN) || vin[:len(ownVIN)] != ownVIN {
		return nil, nil
	}
	a, _, err := o.Association(ctx, user, vin[len(ownVIN):])
	return []steps.Association{a}, err
}

const ownVIN = "DEV"
