namespace Llama2.Evaluation.Tests.Benchmarks.Programs;

/// <summary>A sandbox in which programs with a text pass, and all others fail; nothing is run.</summary>
internal sealed class KeywordSandbox(string text) : ICodeSandbox
{
    public Task<CodeRunResult> RunAsync(CodeProgram program, CancellationToken cancellationToken = default)
        => Task.FromResult(new CodeRunResult(program.Code.Contains(text, StringComparison.Ordinal) ? CodeRunOutcome.Passed : CodeRunOutcome.Failed, null, 0, null, "", TimeSpan.Zero));
}
