"""Recordings of HTTP exchanges: VCR cassettes and HAR files, judged against the contract."""
