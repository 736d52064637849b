package client

import (
	"context"
	"errors"

	"github.com/stepgate/stepgate/engine/httpapi"
)

func (f *far) Erase(ctx context.Context, req httpapi.ErasureRequest) (httpapi.Receipt, error) {
	var receipt httpapi.Receipt
	err := f.post(ctx, "/v1/erasures", req, &receipt)
	if broken, ok := errors.AsType[*refused](err); ok {
		receipt = broken.receipt
	}
	return receipt, err
}

func (n *near) Erase(ctx context.Context, req httpapi.ErasureRequest) (httpapi.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	receipt, err := n.engine.Erase(ctx, n.caller, req.User, req.Actor, req.Reason)
	return httpapi.NewReceipt(receipt), err
}
