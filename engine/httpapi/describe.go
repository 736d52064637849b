package httpapi

import (
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stepgate/stepgate/steps"
)

// describe adds to the description what Huma does not answer itself, and mends
// what it cannot know.
func describe(doc *huma.OpenAPI) {
	doc.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")
	for _, op := range writes(doc) {
		doc.AddOperation(op)
	}
	shapes := doc.Components.Schemas.Map()
	for name, shape := range shapes {
		if !slices.Contains(strict, name) {
			shape.AdditionalProperties = nil
		}
	}
	shapes["CloudEvent"].Properties["type"].Enum = kindTexts(steps.Kind.EventType)
	shapes["Entry"].Properties["kind"].Enum = kindTexts(steps.Kind.String)
	shapes["ActivationRequest"].Properties["stepsID"] = &huma.Schema{OneOf: []*huma.Schema{{Type: "integer"}, {Type: "string"}}}
	doc.Components.Responses = failures()
	doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {
		Type: "http", Scheme: "bearer", Description: "In development none is needed, and X-User-ID and X-Device-ID say who calls",
	}}
	doc.Security = []map[string][]string{{"token": {}}}
}

// strict are the shapes that have no more members than they say: what is sent to
// us, but for the envelope of events. An answer may have more one day.
var strict = []string{"ActivationRequest", "AssociationRequest", "CloudEventData", "ErasureRequest"}

// kindTexts returns the texts of all kinds that have one.
func kindTexts(text func(steps.Kind) string) []any {
	var texts []any
	for k := steps.Created; k.String() != ""; k++ {
		if text(k) != "" {
			texts = append(texts, text(k))
		}
	}
	return texts
}
