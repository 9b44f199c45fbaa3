"""The boto3 service layer: the only importer of boto3 and botocore."""
