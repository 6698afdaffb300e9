// A provider for the Kobo PLM of the sandbox with one resource, kobo_supplier, to measure Terraform
// on the same vendor: as small as one can be, and on connections that are kept.
package main

import (
	"context"
	"log"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The address under which the benchmark's configuration asks for this provider.
const address = "example.com/benchmarks/kobo"

// Terraform has ten requests in flight; as many connections are kept.
const connections = 10

func main() {
	options := providerserver.ServeOpts{Address: address}
	if err := providerserver.Serve(context.Background(), newProvider, options); err != nil {
		log.Fatal(err)
	}
}

type koboProvider struct{}

type settings struct {
	BaseURL types.String `tfsdk:"base_url"`
	APIKey  types.String `tfsdk:"api_key"`
}

func newProvider() provider.Provider {
	return koboProvider{}
}

func (koboProvider) Metadata(
	_ context.Context, _ provider.MetadataRequest, response *provider.MetadataResponse,
) {
	response.TypeName = "kobo"
}

func (koboProvider) Schema(
	_ context.Context, _ provider.SchemaRequest, response *provider.SchemaResponse,
) {
	response.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"base_url": schema.StringAttribute{Required: true},
			"api_key":  schema.StringAttribute{Required: true, Sensitive: true},
		},
	}
}

// Configure makes the one client that all resources share.
func (koboProvider) Configure(
	ctx context.Context, request provider.ConfigureRequest, response *provider.ConfigureResponse,
) {
	var chosen settings
	response.Diagnostics.Append(request.Config.Get(ctx, &chosen)...)
	if response.Diagnostics.HasError() {
		return
	}
	transport := &http.Transport{
		MaxIdleConns:        connections,
		MaxIdleConnsPerHost: connections,
	}
	response.ResourceData = &client{
		http:    &http.Client{Transport: transport, Timeout: 60 * time.Second},
		baseURL: chosen.BaseURL.ValueString(),
		apiKey:  chosen.APIKey.ValueString(),
	}
}

func (koboProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &supplierResource{} }}
}

func (koboProvider) DataSources(context.Context) []func() datasource.DataSource {
	return nil
}
