using Xunit.Abstractions;

namespace Llama2.TestRunner;

/// <summary>The options of xunit: one thread, otherwise the defaults.</summary>
internal sealed class TestOptions : ITestFrameworkDiscoveryOptions, ITestFrameworkExecutionOptions
{
    private readonly Dictionary<string, object?> _values = new() { ["xunit.execution.DisableParallelization"] = true };

    public TValue GetValue<TValue>(string name) => _values.TryGetValue(name, out object? value) && value is TValue known ? known : default!;

    public void SetValue<TValue>(string name, TValue value) => _values[name] = value;
}
