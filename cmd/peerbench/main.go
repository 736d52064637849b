// Peerbench draws what `stepgate bench --json` measured: throughput and latency
// by the number of callers, of one run or of several beside each other.
//
//	go run . -o ../../docs/benchmarks/embedded.svg ../../docs/benchmarks/embedded.json
//
// It is a module of its own, so that what it needs to draw never reaches the
// product; so it reads the JSON form, and not the product's types.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

func main() {
	out := flag.String("o", "bench.svg", "the picture, `FILE`.svg or .png")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "Usage: peerbench [-o FILE] RUN.json...")
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := run(*out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "peerbench:", err)
		os.Exit(1)
	}
}

func run(out string, files []string) error {
	if len(files) == 0 {
		return errors.New("name a file that stepgate bench --json wrote")
	}
	reports := make([]*report, len(files))
	for i, file := range files {
		var err error
		if reports[i], err = read(file); err != nil {
			return err
		}
	}
	return drawTo(out, reports)
}
