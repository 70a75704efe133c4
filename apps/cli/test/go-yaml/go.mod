module credplex.invalid/go-yaml

go 1.24

require (
	go.yaml.in/yaml/v3 v3.0.4
	gopkg.in/yaml.v2 v2.4.0
)
