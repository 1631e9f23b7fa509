namespace Llama2.Evaluation.Tests.Sandboxes;

/// <summary>A program that tries to do harm, and what must become of it.</summary>
/// <param name="Name">What it tries.</param>
/// <param name="Outcome">The outcome that is reported.</param>
/// <param name="Evidence">A part of the error, or of the output if the program passes because it has seen that it can do no harm; empty if there is nothing to see.</param>
/// <param name="Code">The program. CANARY stands for the path of a folder on the host that everybody may change, HOME FOLDER for that of the home folder, PORT for a port on which the test listens.</param>
/// <param name="Checks">The checks that it tries to deceive; null if the program runs alone. They take the name "add" from the program.</param>
public sealed record HostileProgram(string Name, CodeRunOutcome Outcome, string Evidence, string Code, string? Checks = null)
{
    public override string ToString() => Name;
}
