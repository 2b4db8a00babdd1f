# Options that name a server are refused.
for option in --uri=mongodb://localhost --host=localhost -hlocalhost --port=27017 -uann -psecret \
    --username=ann --password=secret --authenticationDatabase=admin --ssl --tls; do
    run check "$option" "$FIXTURES/good/plain"
done
