"""The domains of AWS, in all of its partitions."""

AWS_DOMAINS = (
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "api.aws",
    "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
    "c2s.ic.gov",
    "api.aws.ic.gov",
    "sc2s.sgov.gov",
    "api.aws.scloud",
    "cloud.adc-e.uk",
    "api.cloud-aws.adc-e.uk",
    "csp.hci.ic.gov",
    "api.aws.hci.ic.gov",
)
"""The domains of regional endpoints."""

GLOBAL_HOST = "service.chime.aws.amazon.com"
"""The host of the first version of Chime's API."""


def is_aws_host(host: str) -> bool:
    """True if a host is in a domain of AWS."""
    name = host.lower().rstrip(".")
    return any(name == domain or name.endswith(f".{domain}") for domain in (*AWS_DOMAINS, "aws.amazon.com"))
