package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const collection = "/suppliers"

// supplierResource is kobo_supplier: the fields that the manifests of the benchmark declare, and
// the vendor's id.
type supplierResource struct {
	client *client
}

type supplierModel struct {
	ID             types.String `tfsdk:"id"`
	Code           string       `tfsdk:"code"`
	Name           *string      `tfsdk:"name"`
	Type           *string      `tfsdk:"type"`
	Phone          *string      `tfsdk:"phone"`
	Contacts       []contact    `tfsdk:"contacts"`
	PaymentTerms   *string      `tfsdk:"payment_terms"`
	Currency       *string      `tfsdk:"currency"`
	Certifications []string     `tfsdk:"certifications"`
}

func (m *supplierModel) body() *supplier {
	return &supplier{
		Code: m.Code, Name: m.Name, Type: m.Type, Phone: m.Phone, Contacts: m.Contacts,
		PaymentTerms: m.PaymentTerms, Currency: m.Currency, Certifications: m.Certifications,
	}
}

func (m *supplierModel) path() string {
	return collection + "/" + m.ID.ValueString()
}

func modelOf(s *supplier) *supplierModel {
	return &supplierModel{
		ID:   types.StringValue(strconv.FormatInt(s.ID, 10)),
		Code: s.Code, Name: s.Name, Type: s.Type, Phone: s.Phone, Contacts: s.Contacts,
		PaymentTerms: s.PaymentTerms, Currency: s.Currency, Certifications: s.Certifications,
	}
}

func (r *supplierResource) Metadata(
	_ context.Context, request resource.MetadataRequest, response *resource.MetadataResponse,
) {
	response.TypeName = request.ProviderTypeName + "_supplier"
}

func (r *supplierResource) Schema(
	_ context.Context, _ resource.SchemaRequest, response *resource.SchemaResponse,
) {
	text := schema.StringAttribute{Optional: true}
	person := schema.NestedAttributeObject{
		Attributes: map[string]schema.Attribute{
			"name": text, "email": text, "phone": text, "role": text,
		},
	}
	kept := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	response.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"id":            schema.StringAttribute{Computed: true, PlanModifiers: kept},
			"code":          schema.StringAttribute{Required: true},
			"name":          text,
			"type":          text,
			"phone":         text,
			"contacts":      schema.ListNestedAttribute{Optional: true, NestedObject: person},
			"payment_terms": text,
			"currency":      text,
			"certifications": schema.ListAttribute{
				Optional: true, ElementType: types.StringType,
			},
		},
	}
}

func (r *supplierResource) Configure(
	_ context.Context, request resource.ConfigureRequest, _ *resource.ConfigureResponse,
) {
	r.client, _ = request.ProviderData.(*client)
}

func (r *supplierResource) Create(
	ctx context.Context, request resource.CreateRequest, response *resource.CreateResponse,
) {
	var planned supplierModel
	response.Diagnostics.Append(request.Plan.Get(ctx, &planned)...)
	if response.Diagnostics.HasError() {
		return
	}
	made, err := r.client.send(ctx, http.MethodPost, collection, planned.body())
	if err != nil {
		response.Diagnostics.AddError("cannot create the supplier", err.Error())
		return
	}
	response.Diagnostics.Append(response.State.Set(ctx, modelOf(made))...)
}

// Read asks for one supplier: this is what Terraform does with each before it plans.
func (r *supplierResource) Read(
	ctx context.Context, request resource.ReadRequest, response *resource.ReadResponse,
) {
	var known supplierModel
	response.Diagnostics.Append(request.State.Get(ctx, &known)...)
	if response.Diagnostics.HasError() {
		return
	}
	live, err := r.client.send(ctx, http.MethodGet, known.path(), nil)
	if errors.Is(err, errMissing) {
		response.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		response.Diagnostics.AddError("cannot read the supplier", err.Error())
		return
	}
	response.Diagnostics.Append(response.State.Set(ctx, modelOf(live))...)
}

func (r *supplierResource) Update(
	ctx context.Context, request resource.UpdateRequest, response *resource.UpdateResponse,
) {
	var planned supplierModel
	response.Diagnostics.Append(request.Plan.Get(ctx, &planned)...)
	if response.Diagnostics.HasError() {
		return
	}
	made, err := r.client.send(ctx, http.MethodPut, planned.path(), planned.body())
	if err != nil {
		response.Diagnostics.AddError("cannot update the supplier", err.Error())
		return
	}
	response.Diagnostics.Append(response.State.Set(ctx, modelOf(made))...)
}

func (r *supplierResource) Delete(
	ctx context.Context, request resource.DeleteRequest, response *resource.DeleteResponse,
) {
	var known supplierModel
	response.Diagnostics.Append(request.State.Get(ctx, &known)...)
	if response.Diagnostics.HasError() {
		return
	}
	_, err := r.client.send(ctx, http.MethodDelete, known.path(), nil)
	if err != nil && !errors.Is(err, errMissing) {
		response.Diagnostics.AddError("cannot delete the supplier", err.Error())
	}
}
