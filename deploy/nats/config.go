package main

import (
	"bytes"
	"embed"
	"fmt"
	"path/filepath"
	"slices"
	"text/template"
)

//go:embed *.tmpl
var templates embed.FS

// page is what the templates see.
type page struct {
	plan
	Node  node
	Users []user
	Etc   string   // the node's folder on its host
	Peers []string // the routes of all nodes
}

// writeConfig writes the files that nats-server reads.
func (p *plan) writeConfig(dir string, n node, users []user) error {
	data := page{plan: *p, Node: n, Users: users, Etc: p.etc}
	if p.local {
		data.Etc, data.Store = dir, filepath.Join(p.dir, "store", n.Name)
	}
	for _, other := range p.nodes {
		data.Peers = append(data.Peers, "tls://"+other.meet)
	}
	pages, err := template.ParseFS(templates, "*.tmpl")
	if err != nil {
		return fmt.Errorf("parse templates: %w", err)
	}
	for _, name := range []string{"nats-server.conf", "accounts.conf"} {
		var out bytes.Buffer
		if err := pages.ExecuteTemplate(&out, name+".tmpl", data); err != nil {
			return fmt.Errorf("fill in %s: %w", name, err)
		}
		if err := writeFile(filepath.Join(dir, name), out.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// Of returns the users with one of the roles.
func (p page) Of(roles ...string) (users []user) {
	for _, u := range p.Users {
		if slices.Contains(roles, u.Role) {
			users = append(users, u)
		}
	}
	return users
}

// Updates returns the streams of all shards.
func (p page) Updates() (names []string) {
	for n := range p.Shards {
		names = append(names, fmt.Sprintf("DETOUR_UPDATES_%d", n))
	}
	return names
}

// MaxPendingMiB is what may wait for one connection: twice what the readers of
// all units in one process ask for, 4 MiB each, and not below the usual 64.
func (p page) MaxPendingMiB() int { return max(64, 8*(p.Shards+1)) }

// AccountFileGiB is what the account may use on all nodes together.
func (p page) AccountFileGiB() int { return p.MaxFileGiB * len(p.Peers) }
