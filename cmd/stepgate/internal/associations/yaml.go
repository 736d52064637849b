package associations

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// parseYAML returns the rows of a YAML list of mappings.
func parseYAML(data []byte) (rows []row, faults []Fault) {
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, []Fault{yamlFault(err)}
	}
	for _, doc := range file.Docs {
		switch body := doc.Body.(type) {
		case nil:
		case *ast.SequenceNode:
			for _, value := range body.Values {
				r, wrong := parseMapping(value)
				faults = append(faults, wrong...)
				if len(wrong) == 0 {
					rows = append(rows, r)
				}
			}
		default:
			faults = append(faults, Fault{Line: lineOf(body), Text: `is no list of associations: each begins with "- carAssociationID: …"`})
		}
	}
	return rows, faults
}

func parseMapping(node ast.Node) (row, []Fault) {
	mapping, ok := node.(*ast.MappingNode)
	if !ok {
		return row{}, []Fault{{Line: lineOf(node), Text: "is no association: one has the fields " + fieldNames}}
	}
	r := row{line: lineOf(node)}
	if len(mapping.Values) > 0 {
		r.line = lineOf(mapping.Values[0].Key)
	}
	var faults []Fault
	for _, member := range mapping.Values {
		f := field{line: lineOf(member.Key), name: member.Key.GetToken().Value}
		switch v := member.Value.(type) {
		case *ast.StringNode:
			f.value = v.Value
		case *ast.LiteralNode:
			f.value = v.Value.Value
		case *ast.IntegerNode, *ast.FloatNode:
			f.value = v.GetToken().Value // as it is written: an id is never parsed
		default:
			faults = append(faults, Fault{f.line, f.name, "is neither text nor a number"})
		}
		r.fields = append(r.fields, f)
	}
	return r, faults
}

func lineOf(node ast.Node) int { return node.GetToken().Position.Line }

func yamlFault(err error) Fault {
	if e, ok := errors.AsType[yaml.Error](err); ok && e.GetToken() != nil {
		return Fault{Line: e.GetToken().Position.Line, Text: "is no YAML: " + e.GetMessage()}
	}
	return Fault{Line: 1, Text: fmt.Sprintf("is no YAML: %v", err)}
}
