namespace Llama2.Evaluation;

/// <summary>Runs programs that nobody has read, such as those that a model wrote, so that they can do no harm. Implementations are thread-safe.</summary>
public interface ICodeSandbox
{
    /// <summary>Runs a program once. Calls may run at the same time; an implementation may let a call wait until fewer programs run.</summary>
    /// <param name="program">The program, and the checks that it must pass.</param>
    /// <param name="cancellationToken">Ends the program with all processes that it started.</param>
    /// <returns>The outcome of the program. A program that fails, or that exceeds a limit, is a result and not an exception.</returns>
    /// <exception cref="SandboxUnavailableException">The sandbox cannot be set up, so the program has not run.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled. No process of the program is left.</exception>
    Task<CodeRunResult> RunAsync(CodeProgram program, CancellationToken cancellationToken = default);
}
