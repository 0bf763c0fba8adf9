# A program for Windows that Debian's Go makes: the runtime, and what it thinks of Winsock, are somebody else's.
# Included by the Makefile. No module is fetched, and no other version of Go; where there is no Go, the test says so.

GO := $(shell command -v go 2>/dev/null)
GO_BUILD := GOOS=windows GOARCH=amd64 CGO_ENABLED=0 GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local GOWORK=off \
	GOCACHE=$(CURDIR)/build/go-cache GOPATH=$(CURDIR)/build/go-path

ifneq ($(GO),)
$(x64_DIR)/tests/go_program.exe: tests/go/main.go tests/go/go.mod tests/go/rules.mk
	@mkdir -p $(@D)
	$(call quiet,GO,$@)cd tests/go && $(GO_BUILD) $(GO) build -trimpath -o $(CURDIR)/$@ .

TEST_PROGRAMS += $(x64_DIR)/tests/go_program.exe
endif
