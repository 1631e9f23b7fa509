namespace Llama2.Tests.Threading;

/// <summary>Tests that measure the whole process: they run while no other test runs.</summary>
[CollectionDefinition(nameof(Undisturbed), DisableParallelization = true)]
public sealed class Undisturbed;
