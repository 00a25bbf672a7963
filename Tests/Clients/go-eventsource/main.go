// The same with github.com/donovanhide/eventsource.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/donovanhide/eventsource"
)

func main() {
	stream, err := eventsource.Subscribe(os.Args[1], "")
	if err != nil {
		fmt.Println("#", err)
		return
	}
	totals := map[string]uint64{}
	for {
		select {
		case err := <-stream.Errors:
			fmt.Println("#", err)
		case event := <-stream.Events:
			name := event.Event()
			if name == "" {
				name = "message"
			}
			grown := map[string]uint64{}
			if name == "reset" || json.Unmarshal([]byte(event.Data()), &grown) != nil {
				fmt.Println(name, event.Data())
				continue
			}
			if name == "snapshot" {
				totals = map[string]uint64{}
			}
			for id := range grown {
				totals[id] += grown[id]
				grown[id] = totals[id]
			}
			text, _ := json.Marshal(grown)
			fmt.Println(name, string(text))
		}
	}
}
