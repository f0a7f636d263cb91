export * from '../../shared/lambda/envelope.ts';
