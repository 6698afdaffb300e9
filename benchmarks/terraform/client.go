package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

var errMissing = errors.New("there is no such supplier")

// client calls the vendor's API.
type client struct {
	http    *http.Client
	baseURL string
	apiKey  string
}

// supplier is what the API reads and writes of one.
type supplier struct {
	ID             int64     `json:"id,omitempty"`
	Code           string    `json:"code"`
	Name           *string   `json:"name"`
	Type           *string   `json:"type"`
	Phone          *string   `json:"phone"`
	Contacts       []contact `json:"contacts"`
	PaymentTerms   *string   `json:"payment_terms"`
	Currency       *string   `json:"currency"`
	Certifications []string  `json:"certifications"`
}

type contact struct {
	Name  *string `json:"name" tfsdk:"name"`
	Email *string `json:"email" tfsdk:"email"`
	Phone *string `json:"phone" tfsdk:"phone"`
	Role  *string `json:"role" tfsdk:"role"`
}

// send returns the supplier in the answer, and errMissing for an answer of 404. An answer is read
// to its end: only then is the connection used again.
func (c *client) send(
	ctx context.Context, method string, path string, body *supplier,
) (*supplier, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.baseURL+path, content)
	if err != nil {
		return nil, err
	}
	request.Header.Set("X-API-Key", c.apiKey)
	request.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusNotFound {
		return nil, errMissing
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, response.Status, answer)
	}
	if len(answer) == 0 {
		return nil, nil
	}
	var found struct {
		Data *supplier `json:"data"`
	}
	if err := json.Unmarshal(answer, &found); err != nil {
		return nil, err
	}
	return found.Data, nil
}
