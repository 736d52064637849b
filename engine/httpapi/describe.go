package httpapi

import (
	"net/http"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"
)

// describe adds to the description what Huma does not answer itself.
func describe(doc *huma.OpenAPI) {
	schema := func(shape any) *huma.Schema {
		return doc.Components.Schemas.Schema(reflect.TypeOf(shape), true, "")
	}
	body := func(media string, shape any) *huma.RequestBody {
		return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{media: {Schema: schema(shape)}}}
	}
	ok := func(what string, shape any) map[string]*huma.Response {
		return map[string]*huma.Response{
			"200":     {Description: what, Content: map[string]*huma.MediaType{"application/json": {Schema: schema(shape)}}},
			"default": problemResponse,
		}
	}
	schema(Problem{})
	events := body("application/cloudevents+json", CloudEvent{})
	events.Content["application/cloudevents-batch+json"] = &huma.MediaType{Schema: schema([]CloudEvent{})}
	events.Content["application/json"] = &huma.MediaType{Schema: schema(CloudEventData{})}
	doc.AddOperation(&huma.Operation{
		OperationID: "createActivation", Method: http.MethodPost, Path: "/v1/activations",
		Summary:     "The steps of an association on the caller's device; creates the activation on first use",
		RequestBody: body("application/json", ActivationRequest{}), Responses: ok("The activation", Activation{}),
	})
	doc.AddOperation(&huma.Operation{
		OperationID: "sendEvents", Method: http.MethodPost, Path: "/v1/events",
		Summary:     "Has events judged (CloudEvents 1.0: structured, batch, or binary with the attributes in ce- headers)",
		RequestBody: events, Responses: ok("The verdicts, in the order of the events", Verdicts{}),
	})
	doc.AddOperation(&huma.Operation{
		OperationID: "putAssociation", Method: http.MethodPut, Path: "/v1/associations/{id}",
		Summary:     "Declares what a carAssociationID means; for operators",
		Parameters:  []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}},
		RequestBody: body("application/json", AssociationRequest{}), Responses: ok("The association", Association{}),
	})
	for name, schema := range doc.Components.Schemas.Map() {
		if !slices.Contains(strict, name) {
			schema.AdditionalProperties = nil
		}
	}
	doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {
		Type: "http", Scheme: "bearer", Description: "In development none is needed, and X-User-ID and X-Device-ID say who calls",
	}}
	doc.Security = []map[string][]string{{"token": {}}}
}

// strict are the shapes that have no more members than they say: what is sent to
// us, but for the envelope of events. An answer may have more one day.
var strict = []string{"ActivationRequest", "AssociationRequest", "CloudEventData"}

// problemResponse is the answer of every operation that fails.
var problemResponse = &huma.Response{
	Description: "What is wrong, and what to do next",
	Content:     map[string]*huma.MediaType{problemType: {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}}},
}
