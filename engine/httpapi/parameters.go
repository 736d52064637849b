package httpapi

import (
	"errors"
	"maps"
	"net/url"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/stepgate/stepgate/engine"
	"github.com/stepgate/stepgate/engine/internal/strictjson"
	"github.com/stepgate/stepgate/steps"
)

// parameters are those of a call, by name. One that is absent, null or empty is
// not among them.
type parameters map[string]parameter

// parameter is a value as it came. In a URL everything is a text.
type parameter struct {
	text string
	kind jsontext.Kind // '"', '0', 't' or 'f'
}

// names are the parameters of the calls. Others are ignored.
var names = []string{"carAssociationID", "vin", "stepsID", "stepsStatus", "resetSteps"}

// aliases are other names of parameters.
var aliases = []struct{ alias, name string }{
	{"stepsId", "stepsID"}, {"resetStep", "resetSteps"}, {"stepStatus", "stepsStatus"},
}

// canonicalName returns what a parameter is called, whatever it is called by.
func canonicalName(name string) string {
	for _, a := range aliases {
		if a.alias == name {
			return a.name
		}
	}
	return name
}

// canonical puts aliases under their canonical names.
func (p parameters) canonical() error {
	for _, a := range aliases {
		value, ok := p[a.alias]
		if !ok {
			continue
		}
		if there, both := p[a.name]; both && there.text != value.text {
			return steps.Invalid(a.name, "")
		}
		p[a.name] = value
		delete(p, a.alias)
	}
	return nil
}

// stepsRequest returns what the parameters ask for. That exactly one names the
// activation the engine sees to.
func (p parameters) stepsRequest() (engine.StepsRequest, error) {
	var req engine.StepsRequest
	for _, name := range []string{"carAssociationID", "vin", "stepsStatus", "stepsID"} {
		if kind := p[name].kind; kind == 't' || kind == 'f' {
			return req, steps.Invalid(name, "")
		}
	}
	var err error
	if id, ok := p["stepsID"]; ok {
		if req.StepsID, err = steps.ParseID(id.text); err != nil {
			return req, err
		}
	}
	if req.Filter, err = steps.ParseFilter(p["stepsStatus"].text); err != nil {
		return req, err
	}
	switch reset := p["resetSteps"]; {
	case reset.kind == '0', reset.text != "" && reset.text != "true" && reset.text != "false":
		return req, steps.Invalid("resetSteps", "")
	default:
		req.Reset = reset.text == "true"
	}
	req.CarAssociationID, req.VIN = p["carAssociationID"].text, p["vin"].text
	return req, nil
}

// queryParameters reads the parameters of a URL. One that stands twice is
// invalid.
func queryParameters(query string) (parameters, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, steps.Invalid("query", "")
	}
	p := make(parameters, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all := values[name]
		switch {
		case len(all) > 1:
			return nil, steps.Invalid(shortName(name), "")
		case all[0] != "":
			p[name] = parameter{text: all[0], kind: '"'}
		}
	}
	return p, nil
}

// shortName is a parameter's name as an error says it: an answer does not grow
// with what somebody sent.
func shortName(name string) string {
	if name == "" || len(name) > steps.MaxName {
		return "query"
	}
	return name
}

// bodyParameters reads {"api": …, "parameters": {…}}.
func bodyParameters(body []byte) (api string, p parameters, err error) {
	p = make(parameters)
	err = readObject(body, func(in *strictjson.Reader, name string) error {
		switch name {
		case "api":
			if in.Null() {
				return nil
			}
			var err error
			api, err = in.Text()
			return named("api", err)
		case "parameters":
			if in.Null() {
				return nil
			}
			return named("parameters", in.Object(func(name []byte) error { return p.read(in, string(name)) }))
		}
		return in.Skip()
	})
	if err != nil {
		return "", nil, err
	}
	return api, p, nil
}

func (p parameters) read(in *strictjson.Reader, name string) error {
	if !slices.Contains(names, canonicalName(name)) {
		return in.Skip()
	}
	text, kind, err := in.Scalar()
	if errors.Is(err, strictjson.ErrType) {
		return steps.Invalid(shortName(name), "")
	}
	if err == nil && text != "" {
		p[name] = parameter{text: text, kind: kind}
	}
	return err
}

// named says that what could not be read was a parameter, unless the error
// names one already.
func named(parameter string, err error) error {
	if _, typed := errors.AsType[*steps.Error](err); err == nil || typed {
		return err
	}
	return steps.Invalid(parameter, err.Error())
}
