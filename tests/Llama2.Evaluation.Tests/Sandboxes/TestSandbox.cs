namespace Llama2.Evaluation.Tests.Sandboxes;

/// <summary>The sandbox that tests share. It runs as many programs at a time as there are processors.</summary>
internal static class TestSandbox
{
    private static readonly Lazy<Task<BubblewrapSandbox>> s_instance = new(() => BubblewrapSandbox.CreateAsync());

    public static async Task<CodeRunResult> RunAsync(CodeProgram program, CancellationToken cancellationToken = default) =>
        await (await s_instance.Value).RunAsync(program, cancellationToken);

    public static Task<CodeRunResult> RunAsync(string code) => RunAsync(new CodeProgram { Code = code });

    public static Task<CodeRunResult> RunAsync(string code, string checks, params string[] names) =>
        RunAsync(new CodeProgram { Code = code, Checks = checks, CheckedNames = names });

    public static async Task<ICodeSandbox> GetAsync() => await s_instance.Value;
}
