package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// plan is what is to be written.
type plan struct {
	dir   string // where to
	etc   string // where a node's folder will be on its host
	local bool   // the nodes run from dir itself
	nodes []node
	add   []string

	// What the templates see.
	Store      string
	Shards     int
	MaxFileGiB int
}

// node is one server.
type node struct {
	Name   string
	Listen string // for clients, host:port
	Routes string // for other servers
	HTTP   string
	host   string // by which others reach it
	meet   string // host:port of Routes, as others reach it
}

// The usual ports of NATS.
const (
	clientPort  = 4222
	routePort   = 6222
	monitorPort = 8222
)

const localCount = 3

func hostNodes(hosts []string) (nodes []node) {
	for _, host := range hosts {
		nodes = append(nodes, node{
			Name: host, Listen: at("0.0.0.0", clientPort), Routes: at("0.0.0.0", routePort),
			HTTP: at("127.0.0.1", monitorPort), host: host, meet: at(host, routePort),
		})
	}
	return nodes
}

// localNodes lie beside each other on the loopback.
func localNodes(port int) (nodes []node) {
	for i := range localCount {
		nodes = append(nodes, node{
			Name: "n" + strconv.Itoa(i+1), Listen: at("127.0.0.1", port+i), Routes: at("127.0.0.1", port+localCount+i),
			HTTP: at("127.0.0.1", port+2*localCount+i), host: "127.0.0.1", meet: at("127.0.0.1", port+localCount+i),
		})
	}
	return nodes
}

func at(host string, port int) string { return host + ":" + strconv.Itoa(port) }

// maxShards is that of package stream, which this command cannot import.
const maxShards = 64

func (p *plan) check() error {
	if p.Shards < 1 || p.Shards > maxShards {
		return fmt.Errorf("number of shards is %d, must be from 1 to %d", p.Shards, maxShards)
	}
	if p.MaxFileGiB < 1 {
		return fmt.Errorf("max-file is %d GiB, must be at least 1", p.MaxFileGiB)
	}
	seen := map[string]bool{}
	for _, n := range p.nodes {
		if n.Name == "" || filepath.Base(n.Name) != n.Name || seen[n.Name] {
			return fmt.Errorf("hosts need names or addresses of their own, %q is none", n.Name)
		}
		seen[n.Name] = true
	}
	return nil
}

// write makes what is missing in the folder and writes every configuration anew.
func (p *plan) write() error {
	if err := p.check(); err != nil {
		return err
	}
	dir, err := filepath.Abs(p.dir)
	if err != nil {
		return fmt.Errorf("find folder: %w", err)
	}
	p.dir = dir
	clients, err := openAuthority(filepath.Join(dir, "authority"), "clients")
	if err != nil {
		return err
	}
	routes, err := openAuthority(filepath.Join(dir, "authority"), "routes")
	if err != nil {
		return err
	}
	users, err := p.users(clients)
	if err != nil {
		return err
	}
	for _, n := range p.nodes {
		if err := p.writeNode(n, clients, routes, users); err != nil {
			return fmt.Errorf("write node %s: %w", n.Name, err)
		}
	}
	return nil
}

// users makes the first users in a new folder and those to add, and returns all
// that are there.
func (p *plan) users(ca *authority) (users []user, err error) {
	dir := filepath.Join(p.dir, "clients")
	add := p.add
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		add = append(firstUsers[:len(firstUsers):len(firstUsers)], add...)
	}
	for _, name := range add {
		if _, err := roleOf(name); err != nil {
			return nil, err
		}
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			return nil, fmt.Errorf("make user: %w", err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	for _, e := range entries {
		u, err := openUser(dir, e.Name(), ca)
		if err != nil {
			return nil, fmt.Errorf("user %s: %w", e.Name(), err)
		}
		users = append(users, u)
	}
	return users, nil
}

func (p *plan) writeNode(n node, clients, routes *authority, users []user) error {
	dir := filepath.Join(p.dir, "nodes", n.Name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	server, route := n.certificate(), n.certificate()
	server.server, route.server, route.client = true, true, true
	if err := clients.issue(dir, "", server); err != nil {
		return err
	}
	if err := routes.issue(dir, "route-", route); err != nil {
		return err
	}
	return p.writeConfig(dir, n, users)
}
