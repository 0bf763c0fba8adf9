module wsplsp.invalid/tests/go

go 1.19
