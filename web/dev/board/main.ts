import { mount } from 'svelte';
import '../../src/tokens.css';
import '../../src/base.css';
import Board from './Board.svelte';

const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');
mount(Board, { target });
