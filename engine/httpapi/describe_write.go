package httpapi

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepgate/stepgate/engine/handler"
)

// writes are the operations that have a body, which handlers of our own answer.
func writes(doc *huma.OpenAPI) []*huma.Operation {
	schema := func(shape any) *huma.Schema {
		return doc.Components.Schemas.Schema(reflect.TypeOf(shape), true, "")
	}
	body := func(shape any) *huma.RequestBody { return requestBody("application/json", schema(shape)) }
	ok := func(what string, shape any, failures ...int) map[string]*huma.Response {
		responses := problems(failures...)
		responses["200"] = &huma.Response{
			Description: what, Content: map[string]*huma.MediaType{"application/json": {Schema: schema(shape)}},
		}
		return responses
	}
	events := requestBody(handler.Structured, schema(CloudEvent{}))
	events.Content[handler.Batch] = &huma.MediaType{Schema: schema([]CloudEvent{})}
	events.Content["application/json"] = &huma.MediaType{Schema: schema(CloudEventData{})}
	return []*huma.Operation{
		{
			OperationID: "createActivation", Method: http.MethodPost, Path: "/v1/activations",
			Summary:     "The steps of an association on the caller's device, or of a stepsID; creates the activation on first use",
			RequestBody: body(ActivationRequest{}),
			Responses:   ok("The activation", Activation{}, http.StatusNotFound, http.StatusConflict),
		},
		{
			OperationID: "sendEvents", Method: http.MethodPost, Path: "/v1/events",
			Summary:     "Has events judged (CloudEvents 1.0: structured, batch, or binary with the attributes in ce- headers)",
			RequestBody: events, Responses: ok("The verdicts, in the order of the events", Verdicts{}),
		},
		{
			OperationID: "putAssociation", Method: http.MethodPut, Path: "/v1/associations/{id}",
			Summary:     "Declares what a carAssociationID means; for operators",
			Parameters:  []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}},
			RequestBody: body(AssociationRequest{}), Responses: ok("The association", Association{}, http.StatusConflict),
		},
		{
			OperationID: "erase", Method: http.MethodPost, Path: "/v1/erasures",
			Summary:     "Erases everything of a user; for operators",
			RequestBody: body(ErasureRequest{}), Responses: ok("What was erased", Receipt{}),
		},
		{
			OperationID: "previewPlans", Method: http.MethodPost, Path: "/v1/plans/preview",
			Summary:     "What other plans would mean for activations, page by page; for operators",
			Parameters:  doc.Paths["/v1/verify"].Get.Parameters,
			RequestBody: requestBody("application/yaml", &huma.Schema{Type: "string", Description: "A plan file"}),
			Responses:   ok("One move an activation", Preview{}),
		},
	}
}

func requestBody(media string, schema *huma.Schema) *huma.RequestBody {
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{media: {Schema: schema}}}
}
