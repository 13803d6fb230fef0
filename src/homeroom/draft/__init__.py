"""From a URL and a key, or from an API's description, to a config whose every line says what it rests on."""
