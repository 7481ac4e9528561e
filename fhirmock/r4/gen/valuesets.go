//go:build ignore

package main

import (
	"sort"
	"strings"
)

type codeSystem struct {
	URL     string    `json:"url"`
	Content string    `json:"content"`
	Concept []concept `json:"concept"`
}

type concept struct {
	Code    string    `json:"code"`
	Concept []concept `json:"concept"`
}

type valueSet struct {
	URL     string `json:"url"`
	Compose struct {
		Include []include `json:"include"`
		Exclude []include `json:"exclude"`
	} `json:"compose"`
}

type include struct {
	System   string    `json:"system"`
	Concept  []concept `json:"concept"`
	ValueSet []string  `json:"valueSet"`
	Filter   []any     `json:"filter"`
}

// valueSets expands the value sets of required bindings. Those that cannot be written out (all media
// types, all languages, all units) are left out: their elements are checked as codes only.
type valueSets struct {
	systems map[string]codeSystem
	sets    map[string]valueSet
	used    map[string]map[string][]string // by URL: system to codes
}

func readValueSets(dir string) *valueSets {
	v := &valueSets{systems: map[string]codeSystem{}, sets: map[string]valueSet{}, used: map[string]map[string][]string{}}
	for _, file := range []string{"valuesets.json", "v3-codesystems.json", "v2-tables.json"} {
		for _, s := range entries[codeSystem](dir, file, "CodeSystem") {
			v.systems[s.URL] = s
		}
		for _, s := range entries[valueSet](dir, file, "ValueSet") {
			v.sets[s.URL] = s
		}
	}
	return v
}

func (v *valueSets) use(url string) string {
	if url == "" {
		return ""
	}
	if v.used[url] == nil {
		codes := map[string][]string{}
		if !v.expand(url, codes) {
			return ""
		}
		v.used[url] = codes
	}
	return shortName(url)
}

func shortName(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }

func (v *valueSets) expand(url string, into map[string][]string) bool {
	url, _, _ = strings.Cut(url, "|")
	s, ok := v.sets[url]
	if !ok || len(s.Compose.Include) == 0 || len(s.Compose.Exclude) > 0 {
		return false
	}
	for _, i := range s.Compose.Include {
		if len(i.Filter) > 0 {
			return false
		}
		for _, other := range i.ValueSet {
			if !v.expand(other, into) {
				return false
			}
		}
		concepts := i.Concept
		if i.System != "" && len(concepts) == 0 {
			system, ok := v.systems[i.System]
			if !ok || system.Content != "complete" {
				return false
			}
			concepts = system.Concept
		}
		addCodes(into, i.System, concepts)
	}
	return true
}

func addCodes(into map[string][]string, system string, concepts []concept) {
	for _, c := range concepts {
		into[system] = append(into[system], c.Code)
		addCodes(into, system, c.Concept)
	}
}

// system is the one code system of a value set, which is the system that token search gives to its codes.
func (v *valueSets) system(url string) string {
	if v.use(url) == "" || len(v.used[url]) != 1 {
		return ""
	}
	return sortedKeys(v.used[url])[0]
}

// lines writes V lines: name, then system and codes in turn.
func (v *valueSets) lines() []string {
	var out []string
	for _, url := range sortedKeys(v.used) {
		line := []string{"V", shortName(url)}
		for _, system := range sortedKeys(v.used[url]) {
			codes := v.used[url][system]
			sort.Strings(codes)
			line = append(line, system, strings.Join(codes, " "))
		}
		out = append(out, strings.Join(line, "\t"))
	}
	return out
}
