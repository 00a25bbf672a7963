// Prints the growth of scores, with Go's own library: go run ./Examples/clients/go 'http://EDGE/subscribe/eps?resume=1&snapshot=1' [the same of another edge …]
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

var (
	totals = map[string]uint64{}
	place  string
	retry  = 3 * time.Second // The wait before reconnecting, until the stream says otherwise.
)

func main() {
	for turn := 0; ; turn++ {
		err := follow(os.Args[1+turn%(len(os.Args)-1)])
		fmt.Println("#", err) // EOF, or unexpected EOF if the stream was cut off.
		time.Sleep(retry)
	}
}

func follow(url string) error {
	// The client's Timeout would end every stream; this timer ends silent ones only. In silence a comment comes every 15 s.
	ctx, cancel := context.WithCancel(context.Background())
	silence := time.AfterFunc(45*time.Second, cancel)
	defer silence.Stop()
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "text/event-stream")
	if place != "" {
		request.Header.Set("Last-Event-ID", place)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", answer.Status)
	}
	// A Scanner would reject lines beyond 64 KiB.
	reader := bufio.NewReader(answer.Body)
	event, data, id := "message", "", place
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return err // An event without its end is void.
		}
		silence.Reset(45 * time.Second)
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		switch {
		case name == "retry": // At once, because the last one has no blank line after it.
			if wait, err := strconv.Atoi(value); err == nil {
				retry = time.Duration(wait) * time.Millisecond
			}
		case name == "event":
			event = value
		case name == "data":
			data = value
		case name == "id":
			id = value
		case line == "\n":
			place = id
			if event == "reset" { // All totals are void; the snapshot follows, or is the first event of the next stream.
				place, id = "", ""
				fmt.Println("reset", data)
			} else if err := add(event, data); err != nil {
				return err
			}
			event, data = "message", ""
		}
	}
}

func add(event, data string) error {
	grown := map[string]uint64{}
	if err := json.Unmarshal([]byte(data), &grown); err != nil {
		return err
	}
	if event == "snapshot" {
		totals = map[string]uint64{}
	}
	for name := range grown { // An event:position has none.
		totals[name] += grown[name]
		grown[name] = totals[name]
	}
	text, err := json.Marshal(grown)
	fmt.Println(event, string(text))
	return err
}
