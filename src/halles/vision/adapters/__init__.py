"""The outside world of recognition: photos, barcodes, model files, ONNX Runtime."""
