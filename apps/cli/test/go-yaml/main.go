// Reads documents and writes what go-yaml makes of them, one JSON value a line each way.
//
// The original command line reads an import file with yaml v3 and a template with yaml v2, so both are asked.
// Input: a JSON text with the document in base64. Output: {"v2":…,"v3":…,"import":…}, each {"value":…} or {"error":…}.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"sort"
	"strconv"
	"time"
	"unicode/utf8"

	v3 "go.yaml.in/yaml/v3"
	v2 "gopkg.in/yaml.v2"
)

type outcome struct {
	Value any    `json:"value"`
	Error string `json:"error,omitempty"`
}

type importFile struct {
	Credentials []map[string]interface{} `yaml:"credentials"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		var encoded string
		if err := json.Unmarshal(lines.Bytes(), &encoded); err != nil {
			panic(err)
		}
		document, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			panic(err)
		}
		answer, err := json.Marshal(map[string]outcome{
			"v2": attempt(func() (any, error) {
				var value any
				err := v2.Unmarshal(document, &value)
				return value, err
			}),
			"v3": attempt(func() (any, error) {
				var value any
				err := v3.Unmarshal(document, &value)
				return value, err
			}),
			"import": attempt(func() (any, error) {
				var file importFile
				err := v3.Unmarshal(document, &file)
				return file.Credentials, err
			}),
		})
		if err != nil {
			panic(err)
		}
		out.Write(append(answer, '\n'))
	}
	if err := lines.Err(); err != nil {
		panic(err)
	}
}

func attempt(read func() (any, error)) (result outcome) {
	defer func() {
		if crash := recover(); crash != nil {
			result = outcome{Error: fmt.Sprintf("panic: %v", crash)}
		}
	}()
	value, err := read()
	if err != nil {
		return outcome{Error: err.Error()}
	}
	return outcome{Value: describe(reflect.ValueOf(value))}
}

// Null, booleans, texts and lists are themselves. Everything else is an object with one field that names its kind.
func describe(value reflect.Value) any {
	for value.IsValid() && value.Kind() == reflect.Interface {
		value = value.Elem()
	}
	if !value.IsValid() {
		return nil
	}
	if when, ok := value.Interface().(time.Time); ok {
		return map[string]any{"time": when.Format(time.RFC3339Nano)}
	}
	switch value.Kind() {
	case reflect.Bool:
		return value.Bool()
	case reflect.String:
		if text := value.String(); utf8.ValidString(text) {
			return text
		}
		return map[string]any{"bytes": base64.StdEncoding.EncodeToString([]byte(value.String()))}
	case reflect.Int, reflect.Int64:
		return map[string]any{"int": strconv.FormatInt(value.Int(), 10)}
	case reflect.Uint64:
		return map[string]any{"int": strconv.FormatUint(value.Uint(), 10)}
	case reflect.Float64:
		return map[string]any{"float": float(value.Float())}
	case reflect.Slice:
		if value.IsNil() {
			return nil
		}
		items := []any{}
		for i := range value.Len() {
			items = append(items, describe(value.Index(i)))
		}
		return items
	case reflect.Map:
		if value.IsNil() {
			return nil
		}
		entries := [][2]any{}
		for pair := value.MapRange(); pair.Next(); {
			entries = append(entries, [2]any{describe(pair.Key()), describe(pair.Value())})
		}
		sort.Slice(entries, func(i, j int) bool { return sortKey(entries[i][0]) < sortKey(entries[j][0]) })
		return map[string]any{"map": entries}
	}
	panic("unexpected " + value.Type().String())
}

func sortKey(key any) string {
	text, err := json.Marshal(key)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func float(value float64) string {
	if math.IsInf(value, 0) || math.IsNaN(value) {
		return strconv.FormatFloat(value, 'g', -1, 64)
	}
	return strconv.FormatFloat(value, 'e', -1, 64)
}
