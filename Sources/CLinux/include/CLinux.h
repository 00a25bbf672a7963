// Linux calls
