"""The world outside identity: mail servers, authenticators, slow hashes, the deployment's secret."""
