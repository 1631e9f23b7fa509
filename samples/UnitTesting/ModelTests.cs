namespace UnitTesting;

/// <summary>The tests that share the model.</summary>
[CollectionDefinition(nameof(ModelTests))]
public sealed class ModelTests : ICollectionFixture<ModelFixture>;
