// Whether the app of this container is ready, for `docker` and compose, which end it when it takes too long;
// Kubernetes asks over HTTP itself.
try {
  const response = await fetch(`http://127.0.0.1:${process.env.HTTP_PORT}/health/ready`);
  console.log(await response.text());
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  console.log(String(error));
  process.exitCode = 1;
}
