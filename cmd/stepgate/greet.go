package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
)

// defaultServer is where clients ask that are told nothing else.
const defaultServer = "http://127.0.0.1:8080"

// greet prints the first lines of a server: where it is, where the data lies,
// and two commands to go on with.
func (c *serveCmd) greet(w io.Writer, addr net.Addr, l *local) {
	server := "http://" + reachable(addr)
	who := "anybody on this machine may do everything: for development"
	header, variable := "", ""
	if c.Tokens != "" {
		who = "callers have the tokens of " + c.Tokens
		header = ` -H "Authorization: Bearer $TOKEN"`
		variable = "STEPGATE_TOKEN=$TOKEN "
	}
	flag := ""
	if server != defaultServer {
		flag = " --server " + server
	}
	fmt.Fprintf(w, "Stepgate serves %s; %s\n", server, who)
	fmt.Fprintf(w, "Data lies %s\n", c.Store.describe())
	fmt.Fprintf(w, "Associations: %s\n", c.describeAssociations(l))
	fmt.Fprintf(w, "Ask for the steps:  curl%s '%s/pims/pims.subscription.steps?carAssociationID=987654'\n", header, server)
	fmt.Fprintf(w, "Or:                 %s%s steps --association 987654%s\n", variable, program(), flag)
	fmt.Fprintf(w, "The API:            %s/openapi.json\n", server)
}

func (c *serveCmd) describeAssociations(l *local) string {
	text := fmt.Sprintf("%d known", l.associations.Len())
	if c.Associations == "" && c.Tokens == "" {
		return text + "; any other carAssociationID is the caller's own"
	}
	return text + "; more by PUT /v1/associations/{id}"
}

// reachable returns an address at which a server can be asked that listens on
// all of them.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}
	return addr.String()
}

// program returns how this program was called: by "go run", or by its name.
func program() string {
	if path, err := os.Executable(); err == nil && strings.Contains(path, "go-build") {
		return "go run ./cmd/stepgate"
	}
	return "stepgate"
}
