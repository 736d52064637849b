package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// configName is the file that is read where no other is named.
const configName = "stepgate.yaml"

// A setting is a flag that has a STEPGATE_* variable, and is called as that is. It
// comes from the flag, else from the variable, else from the configuration file,
// else it has its default.
//
// configuration is the third of these: settings at the top of the file count
// for every command that has them, and those below a command's name for that
// command, before the others.
type configuration struct {
	path   string
	common map[string]string
	own    map[string]map[string]string // by command
}

// loadConfiguration reads a file and checks it against the grammar.
func loadConfiguration(path string, app *kong.Application) (*configuration, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, yamlFault(path, err)
	}
	c := &configuration{path: path, common: make(map[string]string), own: make(map[string]map[string]string)}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if err := c.readTop(doc.Body, app); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// yamlFault returns an error in one line that a YAML file caused, which the
// library draws over several.
func yamlFault(path string, err error) error {
	if e, ok := errors.AsType[yaml.Error](err); ok && e.GetToken() != nil {
		return fmt.Errorf("%s:%d: %s", path, e.GetToken().Position.Line, e.GetMessage())
	}
	return err
}

func (c *configuration) readTop(body ast.Node, app *kong.Application) error {
	mapping, ok := body.(*ast.MappingNode)
	if !ok {
		return c.fault(body, "is no mapping of settings to values")
	}
	all := settings(app.Node)
	for _, member := range mapping.Values {
		name := member.Key.GetToken().Value
		if i := slices.IndexFunc(app.Children, func(n *kong.Node) bool { return n.Name == name }); i >= 0 {
			section, ok := member.Value.(*ast.MappingNode)
			if !ok {
				return c.fault(member.Key, "%s is a command: its settings stand below it, indented", name)
			}
			c.own[name] = make(map[string]string)
			if err := c.read(section, c.own[name], settings(app.Children[i])); err != nil {
				return err
			}
			continue
		}
		if err := c.readSetting(member, c.common, all); err != nil {
			return err
		}
	}
	return nil
}

func (c *configuration) read(mapping *ast.MappingNode, into map[string]string, known []string) error {
	for _, member := range mapping.Values {
		if err := c.readSetting(member, into, known); err != nil {
			return err
		}
	}
	return nil
}

func (c *configuration) readSetting(member *ast.MappingValueNode, into map[string]string, known []string) error {
	name := member.Key.GetToken().Value
	if !slices.Contains(known, name) {
		return c.fault(member.Key, "there is no setting %q here; there are %s", name, strings.Join(known, ", "))
	}
	switch v := member.Value.(type) {
	case *ast.StringNode:
		into[name] = v.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		into[name] = v.GetToken().Value
	default:
		return c.fault(member.Key, "%s takes one value", name)
	}
	return nil
}

func (c *configuration) fault(node ast.Node, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", c.path, node.GetToken().Position.Line, fmt.Sprintf(format, args...))
}

// settings returns the names of the settings of a command and those below it.
func settings(node *kong.Node) []string {
	var names []string
	for _, flag := range node.Flags {
		if len(flag.Envs) > 0 && flag.Name != "config" {
			names = append(names, settingOf(flag))
		}
	}
	for _, child := range node.Children {
		names = append(names, settings(child)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Validate implements kong.Resolver. The file was checked when it was read.
func (c *configuration) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver, which asks for every flag that the command
// line does not set. A variable comes before the file, which kong alone would
// have the other way round.
func (c *configuration) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if len(flag.Envs) == 0 || inEnvironment(flag) {
		return nil, nil
	}
	command, _, _ := strings.Cut(ctx.Command(), " ")
	name := settingOf(flag)
	if value, ok := c.own[command][name]; ok {
		return value, nil
	}
	if value, ok := c.common[name]; ok {
		return value, nil
	}
	return nil, nil
}

// settingOf returns the name of the setting that a flag is: the flag's own,
// where a command has not taken that for something else.
func settingOf(flag *kong.Flag) string {
	name := strings.ToLower(strings.TrimPrefix(flag.Envs[0], "STEPGATE_"))
	return strings.ReplaceAll(name, "_", "-")
}

func inEnvironment(flag *kong.Flag) bool {
	return slices.ContainsFunc(flag.Envs, func(name string) bool {
		_, ok := os.LookupEnv(name)
		return ok
	})
}

// BeforeResolve reads the configuration file, once kong knows which it is.
func (c *cli) BeforeResolve(k *kong.Kong, ctx *kong.Context) error {
	path := namedConfig(k, ctx)
	if path == "" {
		if _, err := os.Stat(configName); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		path = configName
	}
	config, err := loadConfiguration(path, k.Model)
	if err != nil {
		return &failure{code: exitUsage, err: err, next: "mend the file, or name another with --config"}
	}
	ctx.AddResolver(config)
	return nil
}

// namedConfig returns the file that --config or its variable names, or "".
func namedConfig(k *kong.Kong, ctx *kong.Context) string {
	for _, flag := range k.Model.Flags {
		if flag.Name == "config" {
			return ctx.FlagValue(flag).(string)
		}
	}
	return ""
}
