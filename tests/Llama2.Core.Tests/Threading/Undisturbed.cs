namespace Llama2.Tests.Threading;

/// <summary>Tests that measure the whole process: they run when no other test does.</summary>
[CollectionDefinition(nameof(Undisturbed), DisableParallelization = true)]
public sealed class Undisturbed;
