package main

import (
	"errors"
	"net"
	"strconv"
	"syscall"
)

// listen listens on an address, which without tokens is loopback: there,
// whoever calls is believed.
func listen(address string, tokens bool) (net.Listener, error) {
	addr, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, fail(exitUsage, "write --listen HOST:PORT, such as 127.0.0.1:8080", "cannot listen on %q: %w", address, err)
	}
	if !tokens && !addr.IP.IsLoopback() {
		return nil, fail(exitUsage, "give the callers tokens with --tokens FILE, or listen on 127.0.0.1:"+strconv.Itoa(addr.Port),
			"%s can be reached from other machines, and without tokens whoever calls may do everything", address)
	}
	listener, err := net.ListenTCP("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fail(exitUsage, "stop what listens there, or take another port with --listen "+hostOf(address)+":"+strconv.Itoa(addr.Port+1),
			"port %d is taken", addr.Port)
	case errors.Is(err, syscall.EACCES):
		return nil, fail(exitUsage, "take a port from 1024 on with --listen", "port %d is for root alone", addr.Port)
	case err != nil:
		return nil, fail(exitUsage, "name an address of this machine with --listen", "%w", err)
	}
	return listener, nil
}

func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return "127.0.0.1"
	}
	return host
}
