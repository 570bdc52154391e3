"""The dashboard and the API: pages made on the server from what memory holds. It is handed its hands as a Desk."""
