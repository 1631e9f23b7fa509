namespace Llama2.Evaluation.Tests.Sandboxes;

/// <summary>A theory that runs programs in a sandbox; skipped where bubblewrap is not installed or may not create user namespaces.</summary>
public sealed class SandboxTheoryAttribute : TheoryAttribute
{
    public SandboxTheoryAttribute() => Skip = SandboxFactAttribute.Reason;
}
