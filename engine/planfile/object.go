package planfile

import (
	"slices"
	"strconv"
	"strings"
)

// object is a mapping with the keys that a file may have there.
type object struct {
	value
	what   string           // what it describes, for messages: "a step"
	fields map[string]value // nil where no key could be read
}

// get returns the value of a key, or none.
func (o object) get(key string) value { return o.fields[key] }

// object reads a mapping of keys, and tells which of its keys are none of them.
func (r *reader) object(v value, what string, keys []string) object {
	o := object{value: v, what: what}
	must := what + ", with the keys " + strings.Join(keys, ", ")
	if !r.is(v, kindMapping, must) {
		return o
	}
	r.filled(v, must)
	if len(v.node.fields) == 0 {
		return o
	}
	o.fields = make(map[string]value, len(v.node.fields))
	for i := range v.node.fields {
		f := &v.node.fields[i]
		if slices.Contains(keys, f.name) {
			o.fields[f.name] = v.field(f)
			continue
		}
		help := "it has " + strings.Join(keys, ", ")
		if near := nearest(f.name, keys); near != "" {
			help = "did you mean " + quoted(near) + "?"
		}
		r.fault(v.field(f), f.place, "%s has no key %s: %s", what, quoted(f.name), help)
	}
	return o
}

// filled tells where a list or mapping is empty.
func (r *reader) filled(v value, must string) {
	if len(v.node.fields)+len(v.node.items) == 0 && !v.holes {
		r.fault(v, v.place, "%s is empty: it must be %s", v.label(), must)
	}
}

// need tells that a key is missing, and what its value says.
func (r *reader) need(o object, key, says string) {
	if o.fields != nil && !o.holes && !o.get(key).there() {
		r.fault(o.value, o.place, "%s needs the key %q: %s", o.what, key, says)
	}
}

// entry is a field of a mapping whose keys are names that the file gives.
type entry struct {
	value
	name  string
	named place
}

// entries reads such a mapping.
func (r *reader) entries(v value, must string) []entry {
	if !r.is(v, kindMapping, must) {
		return nil
	}
	r.filled(v, must)
	entries := make([]entry, len(v.node.fields))
	for i := range v.node.fields {
		f := &v.node.fields[i]
		entries[i] = entry{v.field(f), f.name, f.place}
		r.isName(entries[i].value, f.place, f.name)
	}
	return entries
}

// items reads a list.
func (r *reader) items(v value, must string) []value {
	if !r.is(v, kindList, must) {
		return nil
	}
	r.filled(v, must)
	items := make([]value, len(v.node.items))
	for i, item := range v.node.items {
		items[i] = value{item, v.path + "[" + strconv.Itoa(i) + "]"}
	}
	return items
}
